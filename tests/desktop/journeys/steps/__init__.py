"""The words of the features, by subject.

desk: a shoot and the window over it, which all of them speak of · shoots: what is there before · deciding: keys and
what became of photos · looking: what is seen · comparing · culling: plans for many photos · files: photos on a disk,
and what befalls them · windows: more than one, and the command line.

No step waits for a time: a key is followed by what it sets off, decisions by their being written.
"""
