Feature: What people complain about elsewhere does not happen here

  Scenario: The selection is not lost when a photo is rated under "unrated only"
    Given a shoot of 5 photos
    And only unrated photos are shown
    When I press 4
    Then photos 2, 3, 4, 5 are shown
    And photo 2 is current
    When I press E, 3
    Then photos 3, 4, 5 are shown
    And the loupe shows photo 3
    When I press Ctrl+Z
    Then photos 2, 3, 4, 5 are shown
    And photo 2 is current

  Scenario: What the filter hides is always in sight
    Given a shoot of 5 photos
    And photo 2 is rejected already
    And only rejected photos are shown
    Then photos 2 are shown
    And the window says "4 hidden"
    When I press Ctrl+Shift+F
    Then photos 1, 2, 3, 4, 5 are shown

  Scenario: Reject has a key, a filter and an undo like every other decision
    Given a shoot of 4 photos
    When I press X, Right, Shift+X
    Then photo 1 is rejected
    And photo 2 is rejected
    And photo 3 is current
    When I press U
    And only rejected photos are shown
    Then photos 1, 2 are shown

  Scenario: One burst does not fill the top list
    Given a shoot of 12 photos
    And photos 1, 2, 3, 4, 5, 6, 7, 8, 9 are a burst
    Then photos 1, 10, 11, 12 are shown
    When I press Ctrl+B
    Then photos 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 are shown

  Scenario: A photo that is judged bad does not vanish
    Given a shoot of 6 photos
    And photo 6 has the worst score there is
    Then photos 1, 2, 3, 4, 5, 6 are shown
    And photo 6 is not flagged
    And photo 6 has 0 stars

  Scenario: A key acts on the photo that is seen, not on all that are in view
    Given a shoot of 5 photos
    When I press Right, X
    Then photo 2 is rejected
    And photo 1 is not flagged
    And photo 3 is not flagged

  Scenario: Zoom is at the cursor and is kept while stepping
    Given a shoot of 3 photos
    When I press E
    And I click on the loupe a quarter from its left and top
    Then the same part of the photo is under the cursor at 1:1
    When I press Right
    Then the loupe shows photo 2
    And the same part of the photo is under the cursor at 1:1
