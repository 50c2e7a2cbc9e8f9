Feature: Keeping the best fifty of a shoot

  Scenario: Cull to 50, and undo
    Given a shoot of 300 photos with 40 bursts of 4
    When I ask to keep the best 50
    Then 50 photos would be kept, each for a reason
    And 250 photos would be gone, each for a reason
    And no burst would keep more than one frame
    And nothing is decided about any photo
    When I apply the plan
    Then 50 photos are picked and 250 are rejected
    When I press Ctrl+Z
    Then nothing is decided about any photo
    And nothing is left to undo
    When I press Ctrl+Shift+Z
    Then 50 photos are picked and 250 are rejected

  Scenario: A plan is only a plan
    Given a shoot of 12 photos
    When I ask to keep the best 3
    Then photos 1-3 would be kept
    When I press Esc
    Then nothing is decided about any photo
    And the grid is shown

  Scenario: What was decided by hand stands
    Given a shoot of 12 photos
    And photo 1 is rejected already
    When I press End, P
    And I ask to keep the best 2
    Then photos 12 would be kept
    And photos 1 would be gone
    When I apply the plan
    Then photos 2, 12 are picked
    And photos 1, 3-11 are rejected
