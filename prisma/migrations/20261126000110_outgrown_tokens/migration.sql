-- In a database that was restored from an older copy, tokens have to outgrow those that were given out since.
GRANT SELECT, UPDATE ON SEQUENCE lease_tokens TO tributary_worker;
