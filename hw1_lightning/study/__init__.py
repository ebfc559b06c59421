"""Many runs of one question: what to compare, executing it, what the evidence supports, and a page that says so."""
