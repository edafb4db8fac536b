-- Pointers in the outbox are of every organization and name none, so no policy can tell them apart: the API only adds to it.
REVOKE SELECT, UPDATE, DELETE ON outbox FROM tributary_api;
