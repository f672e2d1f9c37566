"""What tests need: real servers, fresh databases, a clock moved by hand.  Development only."""
