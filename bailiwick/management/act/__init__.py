"""The shell's way to an action: flags from its form, the actor, the run in the foreground, what is shown."""
