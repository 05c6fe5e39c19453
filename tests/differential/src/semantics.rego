# What rules mean where everything is known of a case.
#
# Another part is printed: for each effect, the actions, and for each the rules that fire.
package csp

decisions[action] := decide(action) if some action in actions

decide(action) := {"verdict": "denied", "rules": veto[action]} if veto[action]
else := {"verdict": "not_covered", "rules": exclude[action]} if exclude[action]
else := {"verdict": "denied", "rules": forbid[action]} if forbid[action]
else := {
	"verdict": "conditional",
	"rules": permit[action],
	"requirements": {requirement[rule] | some rule in require[action]},
	"advice": advice(action),
} if {
	permit[action]
	require[action]
}
else := {"verdict": "allowed", "rules": permit[action], "advice": advice(action)} if permit[action]
else := {"verdict": "not_covered"}

advice(action) := object.get(advise, action, set())
