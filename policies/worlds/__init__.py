"""The two worlds that rules judge, in one form (`policies.model.World`): the configuration and the plan."""
