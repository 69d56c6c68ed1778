"""The order desk's pages: forms, review, status, and the site itself where both share an origin."""
