"""The crew works by itself: jobs on a timetable, each slot claimed durably before its run begins.

`crew schedule run --profile NAME` (`ui.commands.schedule_run.run`) runs it until SIGTERM; when ready it says so in
`run/schedule.json` of the profile's folder, as services do. Whoever embeds it calls
`crews.schedule.service.run_schedule(...)`.
"""
