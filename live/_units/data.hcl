# A `data` unit holds what must survive.
