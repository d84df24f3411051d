"""The archive server: the files of jobs, read by people and written by the jobs themselves."""
