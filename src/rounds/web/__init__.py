"""The whole: settings, addresses, the front page, the ticker that runs the stages in order, the command line."""
