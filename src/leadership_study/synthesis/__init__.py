"""Both strands together: the joint display, the argument of a study, and the checklists of reporting."""
