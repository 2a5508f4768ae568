"""How the agents meet: plan, work in parallel, decide. `crews.crewai_adapter` alone knows CrewAI."""
