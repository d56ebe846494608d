-- The client a late edit was for before the clients came together or apart: whoever was asked then is told that he is
-- asked no more.
ALTER TABLE proposal ADD COLUMN former BLOB;
