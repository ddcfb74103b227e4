"""The setting: what a county's schools have, how evenly, and how they are grouped into districts."""
