# Words that stand in files made for people.

import-reason = Why not taken
import-field = Field
import-scientific = The number was shortened by the spreadsheet (like 1.23E+11): format the column as text and export again
import-lost-digits = The number is longer than a spreadsheet keeps: its last digits are lost
import-unreadable = The letters cannot be read: choose another encoding
import-bad-value = The field does not take this value
import-no-year = The day has no year
import-no-such-record = Nothing here is called so
import-ambiguous = Several records fit
import-required = A field that must be filled is empty
import-not-allowed = You may not change this record
import-there = It is there already, and only new ones were wanted
import-not-there = It is not there yet, and only updates were wanted
import-trashed = It lies in the trash
import-too-large = Larger than a record can be
import-changed-meanwhile = Somebody changed it while the import ran
import-damaged = The record cannot be read on this device for now
export-yes = yes
export-no = no
