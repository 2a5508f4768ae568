"""A whole day of the whole desk in minutes: everything up, everything on a timetable, and things going wrong."""
