"""Write a draft as a file in content/."""
