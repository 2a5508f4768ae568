"""Who may trade: an examination that luck does not pass, and the certificate of those that did."""
