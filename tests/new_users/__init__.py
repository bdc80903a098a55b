"""Tasks for people who have not written the suite: made, solved with the documentation alone, and graded."""
