"""Paper for the customer: slips in the language of receipt printers, brought there in time."""
