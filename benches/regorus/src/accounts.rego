# The checks of policies/accounts.cedar and policies/access.cedar, for accounts of which everything is known but their
# owners' access requests, and for lists that are as old as the day that is judged by.
package accounts

import rego.v1

off if input.status in {"suspended", "deactivated"}

left(person) if person.status == "offboarded"

left(person) if {
	person.end_date != null
	person.end_date < input.today
}

owner_left if {
	input.owner != null
	left(input.owner)
}

owner_active if {
	input.owner != null
	input.owner.status == "active"
}

# ---- access removed for leavers ----
default offboarded_access := "fail"

offboarded_access := "unknown" if {
	input.identity_issue != null
	not off
} else := "not-applicable" if {
	input.owner == null
	input.identity_issue == null
} else := "pass" if {
	off
} else := "pass" if {
	input.owner != null
	not owner_left
}

# ---- whose it is ----
default user_identified := "fail"

user_identified := "fail" if {
	wrongly_declared
} else := "pass" if {
	input.owner != null
} else := "pass" if {
	input.class != null
	input.class != "staff"
	input.responsible != null
	not left(input.responsible)
	reviewed
}

reviewed if {
	input.review_by != null
	input.today <= input.review_by
}

wrongly_declared if input.identity_issue in {"ambiguous", "mapped-to-nobody"}

wrongly_declared if {
	input.owner == null
	input.class != null
	input.class != "staff"
	input.responsible == null
}

wrongly_declared if {
	input.owner == null
	input.responsible != null
	left(input.responsible)
}

wrongly_declared if {
	input.owner == null
	input.responsible != null
	not reviewed
}

# ---- each level ----
granted(rule) if {
	rule.type == "org-role"
	owner_active
	rule.to in input.roles
}

granted(rule) if {
	rule.type == "all-staff"
	owner_active
}

granted(rule) if {
	rule.type == "person"
	owner_active
	rule.to == input.owner.id
}

granted(rule) if {
	rule.type == "account-class"
	input.owner == null
	rule.to == input.class
}

rules_of(level) := data.access[input.system][level]

access_valid(level) := "unknown" if {
	input.identity_issue != null
	not off
} else := "unknown" if {
	input.access_rules == 0
	not off
	not owner_left
} else := "not-applicable" if {
	off
} else := "not-applicable" if {
	owner_left
} else := "pass" if {
	some rule in rules_of(level)
	granted(rule)
} else := "unknown" if {
	# Nobody knows whether there is an access request.
	some rule in rules_of(level)
	rule.type == "ticket"
	owner_active
} else := "fail"

outcomes contains ["offboarded-access-removed", "", offboarded_access]

outcomes contains ["user-identified", "", user_identified]

outcomes contains ["access-valid", level, access_valid(level)] if some level in input.levels
