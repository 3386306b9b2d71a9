"""Actions of the commands, without their flags."""
