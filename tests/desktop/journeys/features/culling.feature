Feature: Culling a shoot by keyboard alone

  Scenario: A pass through a shoot
    Given a shoot of 8 photos
    When I press P, Right, X, Right, 4, Right, Shift+2
    Then photo 1 is picked
    And photo 2 is rejected
    And photo 3 has 4 stars
    And photo 4 has 2 stars
    And photo 5 is current
    When I press Ctrl+Z
    Then photo 4 has 0 stars
    And photo 4 is current
    And photo 3 has 4 stars

  Scenario: The pass goes on where it ended
    Given a shoot of 6 photos
    When I press Shift+3, Shift+X, End, Ctrl+Right
    Then photo 3 is current
    When I press Home, Ctrl+Right
    Then photo 3 is current

  Scenario: Decisions in the loupe go to the photo that is seen
    Given a shoot of 4 photos
    When I press E, Right, Shift+P
    Then photo 2 is picked
    And the loupe shows photo 3
    When I press Esc
    Then the grid is shown
    And photo 3 is current

  Scenario: Undo outlives the program
    Given a shoot of 3 photos
    When I press X, Right, 5
    And I close the program and start it again
    And I press Ctrl+Z
    Then photo 2 has 0 stars
    And photo 1 is rejected
    When I press Ctrl+Z
    Then photo 1 is not flagged

  Scenario: Many photos are decided about at once
    Given a shoot of 6 photos
    When I press Ctrl+A, 3
    Then every photo has 3 stars
    When I press Ctrl+Z
    Then every photo has 0 stars

  Scenario: A shoot from end to end without a mouse
    Given a shoot of 12 photos
    And photos 4, 5, 6 are a burst
    When I press Shift+P, Shift+X, Shift+4, B, P, Right, X, Right, X, Esc, Right
    And I press E, Shift+X, Shift+2, Esc, Shift+P, C, X, X, Esc, Ctrl+Right
    Then photos 1, 4, 9 are picked
    And photos 2, 5, 6, 7, 11, 12 are rejected
    And photo 3 has 4 stars
    And photo 8 has 2 stars
    And photo 10 is not flagged
    And photo 10 is current
    When only picked photos are shown
    Then photos 1, 4, 9 are shown
