"""Reading files of records as streams: whatever a file's size and whatever is wrong in it, memory stays bounded, and
each record is either read or rejected with its faults.
"""
