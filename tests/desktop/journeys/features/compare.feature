Feature: Champion against challengers, and several side by side

  Scenario: The champion is frozen while challengers pass, zoomed too
    Given a shoot of 6 photos
    When I press C
    Then photo 1 meets photo 2
    When I press Right, Right
    Then photo 1 meets photo 4
    When I press Z, Shift+Right, Shift+Down
    Then both show the same part of their photo at 1:1
    When I press Right
    Then photo 1 meets photo 5
    And both show the same part of their photo at 1:1
    When I press Right, Right
    Then photo 1 has met all
    And nothing was said of two photos
    And nothing is decided about any photo

  Scenario: A challenger that wins is the champion for the rest
    Given a shoot of 5 photos
    When I press C, Up
    Then photo 2 meets photo 3
    And photo 2 was said to be better than photo 1
    When I press Down
    Then photo 2 meets photo 4
    And photo 2 was said to be better than photo 3
    When I press Return
    Then photo 4 meets photo 5
    And photo 4 was said to be better than photo 2
    When I press Ctrl+Z, Ctrl+Z, Ctrl+Z
    Then photo 1 meets photo 2
    And nothing was said of two photos
    When I press Ctrl+Shift+Z
    Then photo 2 meets photo 3

  Scenario: Keeping and rejecting from there
    Given a shoot of 5 photos
    When I press C, X
    Then photo 1 meets photo 3
    When I press X, P
    Then photo 1 meets photo 4
    And photos 2, 3 are rejected
    And photo 4 is picked
    And photo 1 is not flagged
    When I press Ctrl+Z, Ctrl+Z
    Then photo 1 meets photo 3
    And photos 3, 4 are not flagged
    And photo 2 is rejected
    When I press Esc
    Then the grid is shown

  Scenario: One photo is let go to look elsewhere, and is in step again after
    Given a shoot of 3 photos
    When I press C, Z, Shift+Right
    Then both show the same part of their photo at 1:1
    When I press L, Shift+Right
    Then both do not show the same part of their photo

  Scenario: Photos side by side, until one is left
    Given a shoot of 6 photos
    When I select photos 1-4
    And I press N
    Then photos 1-4 stand side by side
    When I press X, X
    Then photos 3, 4 stand side by side
    And photos 1, 2 are rejected
    When I press Ctrl+Z
    Then photos 2, 3, 4 stand side by side
    And photo 2 is current
    And photo 1 is rejected
    When I press Return
    Then the loupe shows photo 2
