"""Pages of networks: the views, their files, the explorer."""
