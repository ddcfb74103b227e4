"""What was said: guide, transcripts, codebook, codings, agreement of coders, and what the codes show."""
