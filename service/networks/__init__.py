"""Networks over HTTP: options, files, edges found again."""
