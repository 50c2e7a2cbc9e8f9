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

  Scenario: Stepping does not wait: the next photo is there when the key is pressed
    Given a shoot of 8 photo files
    When I press E
    And the loupe has made the next photos ready
    Then Right shows photos 2-5 at once, in true pixels and without opening a file

  Scenario: The champion can be frozen
    Given a shoot of 5 photos
    When I press E, Right, C
    Then photo 2 meets photo 3
    When I press Right, Right
    Then photo 2 meets photo 5

  Scenario: What was decided is not locked in
    Given a shoot of 5 photos
    When I press 4, Right, X, Right, 6, Right, P, Ctrl+Z
    And I ask the command line for the verdicts
    Then it tells 4 stars of photo 1 by path, size and content
    And it tells reject of photo 2 by path, size and content
    And it tells red of photo 3 by path, size and content
    And it tells nothing of photos 4, 5

  Scenario: Brackets and panoramas are not eaten by taking the best of bursts
    Given a shoot of 9 photos
    And photos 1, 2, 3 are a bracket
    And photos 4, 5, 6 are a panorama
    And photos 7, 8 are a burst
    When I plan to take the best of every burst
    Then the plan says "1 exposure bracket"
    And the plan says "1 panorama"
    When I apply the plan
    Then photos 1-6 are not flagged
    And photo 7 is picked
    And photo 8 is rejected

  Scenario: Brackets and panoramas are not eaten by keeping the best
    Given a shoot of 9 photos
    And photos 1, 2, 3 are a bracket
    And photos 7, 8, 9 are a panorama
    When I ask to keep the best 2
    Then photos 1-3 would be kept
    And photos 7-9 would be gone
    When I apply the plan
    Then photos 1-4 are picked
    And photos 5-9 are rejected

  Scenario: Soft light is not taken for blur
    Given a shoot of 2 photos
    And a photo in soft light with hardly a sharp edge, scored 9.5, as photo 3
    And a tack-sharp photo, scored 1.5, as photo 4
    Then photos 3, 1, 2, 4 are shown
    And photos 1-4 are not flagged
    When I ask to keep the best 1
    Then photos 3 would be kept
    And photos 4 would be gone
    When I apply the plan
    Then photo 3 is picked
    And photo 4 is rejected

  Scenario: Photos that are moved or renamed keep what was decided about them
    Given a shoot of 4 photo files
    When I press 5, Right, X, Right, P
    And photo 1 is renamed to "best of all.jpg" and photo 2 is moved into "later"
    And I have the folders read again
    Then photo 1 is found at "best of all.jpg"
    And photo 1 has 5 stars
    And photo 2 is found at "later/photo-02.jpg"
    And photo 2 is rejected
    And photo 3 is picked

  Scenario: Taking the best acts on what is in the catalogue, not on what was in view
    Given a shoot of 6 photos
    And photos 1, 2, 3 are a burst
    When I plan to take the best of every burst
    And photo 2 is picked in another program meanwhile
    And I apply the plan
    Then the plan is shown anew
    And photos 1, 3 are not flagged
    And photo 2 is picked
    When I apply the plan
    Then photo 2 is picked
    And photos 1, 3 are rejected
    When I press Ctrl+Z
    Then photos 1, 3 are not flagged
    And photo 2 is picked

  Scenario: Keeping the best acts on what is in the catalogue, not on what was in view
    Given a shoot of 8 photos
    When I ask to keep the best 3
    And photo 7 is picked in another program meanwhile
    And photo 1 is rejected in another program meanwhile
    And I apply the plan
    Then photos 2, 3, 7 are picked
    And photos 1, 4-6, 8 are rejected
    When I press Ctrl+Z
    Then photos 2-6, 8 are not flagged
    And photo 7 is picked
    And photo 1 is rejected

  Scenario: What is selected while it is hidden is left alone by a key
    Given a shoot of 5 photos
    And photo 2 is rejected already
    And only rejected photos are shown
    When I press Ctrl+A, 3
    Then photo 2 has 3 stars
    And photo 1 has 0 stars
    And photo 3 has 0 stars

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
