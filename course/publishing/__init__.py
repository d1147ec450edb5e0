"""From a verdict to a page that can be published: its parts, remarks on its wording, ClaimReview and HTML."""
