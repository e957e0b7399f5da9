"""Access tokens that a Supabase project gave out: whose they are, proven without asking anybody about the token."""
