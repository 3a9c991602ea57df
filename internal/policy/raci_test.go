package policy

import (
	"slices"
	"testing"
)

func TestResponsibilities(t *testing.T) {
	for _, c := range []struct {
		clause string
		rows   int
	}{
		{"MCO.UPD.P1", 2}, {"upd.p1", 2}, {"INC.P3", 4}, {"MCS.ENC.T1a", 1}, {"enc.t1A", 1},
		{"MCS.ENC.T1b", 0}, {"MCS.ENC.T1", 0}, {"RACI", 0}, {"", 0}, {"nothing", 0},
	} {
		rows, err := Responsibilities(c.clause)
		if err != nil || len(rows) != c.rows {
			t.Errorf("%s: %d rows (%v), want %d", c.clause, len(rows), err, c.rows)
		}
	}
}

// TestReadings holds that a row in conflict with the policy shows both readings, and which rows they are.
func TestReadings(t *testing.T) {
	p := loaded(t)
	var got []string
	for _, r := range matrix(t) {
		if r.Conflicts() {
			got = append(got, r.ActivityEN)
			if r.Note == "" || len(r.Clauses) == 0 {
				t.Errorf("%s: a conflict without note or clause", r.ActivityEN)
			}
		}
	}
	want := []string{
		"Manage container images and registries", "Configure and manage pod security policies",
		"Implement and manage role-based access control (RBAC)", "Manage operator resources (add, remove)",
		"Back up the data of operator resources", "Supervise and monitor operator resources",
		"Restore the data of operator resources", "Support of Marketplace operators",
	}
	if !slices.Equal(got, want) {
		t.Errorf("conflicts: %q, want %q", got, want)
	}
	for _, c := range []struct {
		clause, activity       string
		policy, matrix, unqual Side
	}{
		{"MCO.BKP.T1", "Back up the data of operator resources", Tenant, Provider, Tenant},
		{"MCS.IAM.T3", "Implement and manage role-based access control (RBAC)", Tenant, Provider, Tenant},
		{"MCS.VUL.P3", "Manage container images and registries", Provider, Tenant, Tenant},
		{"MCO.UPD.P1", "Update the OpenShift platform", Provider, Provider, Tenant},
		{"MCO.UPD.P1", "Install and configure the OpenShift platform", Provider, Provider, ""},
	} {
		clause, _ := p.Clause(c.clause)
		rows, err := Responsibilities(c.clause)
		i := slices.IndexFunc(rows, func(r Responsibility) bool { return r.ActivityEN == c.activity })
		if err != nil || i < 0 {
			t.Errorf("%s: no row %q (%v)", c.clause, c.activity, err)
			continue
		}
		holder, _ := rows[i].Holder(SecNumCloud)
		unqual, ok := rows[i].Holder(Standard)
		if clause.Side != c.policy || holder != c.matrix || unqual != c.unqual || ok != (c.unqual != "") {
			t.Errorf("%s, %s: policy %s, matrix %s, unqualified %s; want %s, %s, %s", c.clause, c.activity, clause.Side, holder, unqual, c.policy, c.matrix, c.unqual)
		}
	}
}

// TestClausesWithoutRow holds the list of clauses whose side is the policy's alone: fourteen duties, three that another
// chapter states again (ENC.P2, ENC.P3 and ENC.T1b), and RACI, which is the matrix itself.
func TestClausesWithoutRow(t *testing.T) {
	var got []string
	for _, c := range loaded(t).Clauses {
		rows, err := Responsibilities(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			got = append(got, c.Short())
		}
	}
	want := []string{
		"UPD.R2", "UPD.R3", "UPD.R4", "SEC.T1", "SEC.R1", "SEC.R2", "IAM.T1", "VUL.R2", "ENC.P2", "ENC.P3", "ENC.T1b", "ENC.R3",
		"LOG.R1", "LOG.R2", "INC.T2", "INC.X1", "GEN.4", "RACI",
	}
	if !slices.Equal(got, want) {
		t.Errorf("without a row: %v, want %v", got, want)
	}
}
