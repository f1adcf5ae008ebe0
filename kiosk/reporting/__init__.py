"""Reports as people read them: on the screen, in a spreadsheet, in a browser."""
