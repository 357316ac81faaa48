"""What changes the standing of people's data, one module for each story: export, erasure, consent, ageing."""
