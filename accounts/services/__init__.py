"""What changes identities, one module for each story: registering, signing in, staying signed in, ending it."""
