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
