Feature: When something goes wrong, it is said, and nothing is lost

  Scenario: A photo vanishes while it is shown
    Given a shoot of 4 photo files
    When I press E
    And the loupe has made the next photos ready
    And the file of photo 1 is deleted
    And I have the folders read again
    Then the loupe says "not there any more"
    And the loupe shows photo 1
    When I press 4, Right
    Then photo 1 has 4 stars
    And the loupe shows photo 2
    And the loupe says nothing is amiss

  Scenario: A drive goes offline during a pass, and comes back
    Given a shoot of 4 photo files
    When I press P, Right
    And the drive goes offline
    And I have the folders read again
    Then every photo is offline
    And photo 2 is current
    When I press X, Right, 5
    Then photo 2 is rejected
    And photo 3 has 5 stars
    When the drive is back
    And I have the folders read again
    Then every photo is there
    And photo 1 is picked
    And photo 2 is rejected
    And photo 3 has 5 stars
    When I press Ctrl+Z
    Then photo 3 has 0 stars

  Scenario: Fifty thousand photos are rated at once
    Given a library of 50000 photos, not one of them rated
    When I select all and press 3
    Then the window stayed alive meanwhile
    And every photo has 3 stars
    When I press Ctrl+Z
    Then every photo has 0 stars
    And nothing is left to undo

  Scenario: Undo across a folder that was moved
    Given a shoot of 4 photo files
    And photos 3, 4 lie in the folder "second day"
    When I press End, 5, Left, X
    And the folder "second day" is moved to "sorted/second day"
    And I have the folders read again
    Then photo 4 is found at "sorted/second day/photo-04.jpg"
    And photo 4 has 5 stars
    And photo 3 is rejected
    When I press Ctrl+Z, Ctrl+Z
    Then photo 3 is not flagged
    And photo 4 has 0 stars
    When I press Ctrl+Shift+Z, Ctrl+Shift+Z
    Then photo 4 has 5 stars
    And photo 3 is rejected

  Scenario: Two windows on one library
    Given a shoot of 4 photos
    When I press 3
    And I open a second window on the same library
    And I press Right, X in the second window
    And I press Right, Right, 5 in the first window
    Then photo 1 has 3 stars
    And photo 2 is rejected
    And photo 3 has 5 stars
    And the first window shows photo 2 as reject
    When I go to the second window
    Then the second window shows photo 3 with 5 stars
    When I press Ctrl+Z in the second window
    Then photo 2 is not flagged
    And photo 3 has 5 stars
    When I press Ctrl+Z in the first window
    Then photo 3 has 0 stars
    And photo 1 has 3 stars
    When I press Ctrl+Shift+Z in the second window
    Then photo 2 is rejected
    And photo 3 has 0 stars

  Scenario: Two windows decide about one photo, and the later one stands
    Given a shoot of 3 photos
    When I press 2
    And I open a second window on the same library
    And I press 4 in the first window
    And I press 5 in the second window
    And I press Ctrl+Z in the first window
    Then photo 1 has 5 stars
    When I press Ctrl+Z in the second window
    Then photo 1 has 2 stars
