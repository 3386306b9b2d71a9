"""Pages of the site itself: home, about, downloads, API documentation."""
