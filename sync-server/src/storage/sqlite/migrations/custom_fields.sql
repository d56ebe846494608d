-- Definitions of fields the organisation made (kind custom_field): looked for with every push.
CREATE INDEX record_custom_field ON record (org, last_seq) WHERE kind = x'637573746f6d5f6669656c64';
