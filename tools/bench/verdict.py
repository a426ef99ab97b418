"""How a part says that a measured value is worse than what was promised."""

BROKEN = "約束に届きません: "
