"""The pages: a questionnaire to fill in and recommendations to read, rendered on the server, without scripts."""
