# The checks of policies/people.cedar, for people of whom everything is known.
package people

import rego.v1

left(person) if person.status == "offboarded"

left(person) if {
	person.end_date != null
	person.end_date < input.today
}

not_started if {
	input.start_date != null
	input.start_date > input.today
}

not_started if {
	input.start_date == null
	input.status == "new-hire"
}

let_off if not input.in_scope

let_off if left(input)

default staff_role := "fail"

staff_role := "not-applicable" if {
	off_for_roles
} else := "pass" if {
	input.job_title != null
}

off_for_roles if let_off

off_for_roles if not_started

# A manager is wrong only for a current, active person in scope who is no top management.
judged if {
	input.in_scope
	input.status == "active"
	not left(input)
	not not_started
	not input.top_management
}

wrong_manager if {
	judged
	input.manager_issue != null
}

wrong_manager if {
	judged
	input.manager != null
	left(input.manager)
}

default reporting_manager := "fail"

reporting_manager := "fail" if {
	wrong_manager
} else := "not-applicable" if {
	off_for_roles
} else := "pass" if {
	input.manager != null
	input.manager_issue == null
	not left(input.manager)
} else := "exempt" if {
	input.top_management
}

default joining_date := "fail"

joining_date := "fail" if {
	input.in_scope
	input.start_date != null
	input.end_date != null
	input.end_date < input.start_date
	input.status != "offboarded"
} else := "not-applicable" if {
	let_off
} else := "pass" if {
	input.start_date != null
}

outcomes contains ["staff-role-assigned", "", staff_role]

outcomes contains ["reporting-manager-assigned", "", reporting_manager]

outcomes contains ["joining-date-provided", "", joining_date]
