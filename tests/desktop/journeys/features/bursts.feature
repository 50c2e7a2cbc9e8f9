Feature: The best of every burst

  Scenario: Picking the best of a burst by keyboard
    Given a shoot of 6 photos
    And photos 1, 2, 3 are a burst
    When I press B, P, Right, X, Right, X, Esc
    Then photo 1 is picked
    And photo 2 is rejected
    And photo 3 is rejected
    And the grid is shown

  Scenario: Another frame is the better one
    Given a shoot of 5 photos
    And photos 1, 2, 3 are a burst
    When I press B, Right, Shift+B
    Then photo 2 stands for its burst
    When I press Ctrl+Z
    Then photo 1 stands for its burst

  Scenario: Brackets and panoramas are kept whole
    Given a shoot of 6 photos
    And photos 2, 3, 4 are a bracket
    When I press Right, B
    Then the window says of these frames "Kept whole"

  Scenario: The best of every burst at once, and undo
    Given a shoot of 9 photos
    And photos 1, 2, 3 are a burst
    And photos 5, 6 are a burst
    When I plan to take the best of every burst
    Then the plan says "This would pick 2 frames and reject 3 frames in 2 bursts."
    And nothing is decided about any photo
    When I apply the plan
    Then photos 1, 5 are picked
    And photos 2, 3, 6 are rejected
    And photos 4, 7-9 are not flagged
    When I press Ctrl+Z
    Then nothing is decided about any photo
    And nothing is left to undo
