"""WordPress's own form of a post, which its interface gives and its webhooks send."""
