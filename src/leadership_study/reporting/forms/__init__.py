"""What is handed out or kept beside the data: the questionnaire on paper and its codebook."""
