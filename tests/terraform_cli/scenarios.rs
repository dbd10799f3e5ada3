//! The list of all scenarios with real Terraform, file by file. A function that is not in it does not run, and the
//! compiler says so.

pub mod addresses;
pub mod bulk_refresh;
pub mod data_sources;
pub mod debug;
pub mod differences;
pub mod drift;
pub mod failures;
pub mod functions;
pub mod guards;
pub mod guides;
pub mod hostile;
pub mod import;
pub mod interrupts;
pub mod kills;
pub mod lifecycle;
pub mod mid_apply;
pub mod policies;
pub mod preflight;
pub mod processes;
pub mod promise;
pub mod provider;
pub mod random_configurations;
pub mod refusals;
pub mod rings;
pub mod schema;
pub mod secrets;
pub mod sign_in;
pub mod snippets;
pub mod stage;
pub mod targets;
pub mod throttling;
pub mod time_outs;
pub mod unknown;
pub mod validation;

use crate::support::terraform;

/// A scenario: its name and what it does. It fails by panicking.
pub type Scenario = (&'static str, fn());

/// Lists scenarios under the names of their functions.
macro_rules! scenarios {
    ($($module:ident: $($name:ident),+;)+) => {
        vec![$($((concat!(stringify!($module), "::", stringify!($name)), $module::$name as fn())),+),+]
    };
}

pub fn all() -> Vec<Scenario> {
    [of_the_promise(), of_the_rings(), of_everything_else(), of_policies()].concat()
}

/// Policies have a write-only attribute.
fn of_policies() -> Vec<Scenario> {
    if !terraform::has_write_only_attributes() {
        return Vec::new();
    }
    scenarios![
        policies: a_policy_and_its_assignment_come_and_go_in_one_run, the_package_is_seen_nowhere,
            a_change_elsewhere_of_each_member_is_shown_and_repaired, an_unchanged_policy_takes_one_request,
            an_import_by_id_and_by_generated_configuration_plans_nothing,
            a_policy_of_another_type_is_not_imported,
            an_assigned_policy_is_not_deleted_unless_forced, a_package_and_the_connector_exclude_each_other,
            an_expired_package_is_refused, a_package_that_is_needed_and_missing_is_refused,
            a_lost_create_that_appears_late_is_adopted,
            a_lost_create_that_took_effect_twice_is_not_adopted,
            a_second_policy_of_a_name_is_warned_about;
    ]
}

fn of_the_promise() -> Vec<Scenario> {
    scenarios![
        random_configurations: the_first_half_of_the_configurations_loses_nothing,
            the_second_half_of_the_configurations_loses_nothing;
        promise: thirty_policies_under_another_alias_and_name_are_never_emptied,
            an_overwriting_create_never_counts_on_what_another_process_removes,
            two_aliases_in_one_debug_process_keep_to_their_tenants,
            replace_takes_nothing_away_in_between, taint_takes_nothing_away_in_between,
            replace_triggered_by_takes_nothing_away_in_between,
            a_replace_whose_write_is_refused_keeps_set_and_state,
            a_replace_triggered_by_whose_write_is_refused_keeps_set_and_state,
            a_replace_with_fewer_targets_is_not_misled_by_reads_that_lag_behind,
            create_first_is_refused_in_apply_and_a_plain_plan_goes_on,
            a_tainted_resource_that_is_created_first_is_refused_until_untainted,
            a_tainted_resource_that_is_not_refreshed_is_refused_with_the_way_out,
            a_policy_of_others_as_the_new_one_is_refused_at_plan,
            a_policy_that_others_take_after_the_plan_is_refused_before_anything_goes,
            a_mistyped_policy_id_is_an_error_at_plan_and_nothing_is_sent,
            a_policy_of_another_type_as_the_new_one_is_an_error_at_plan,
            a_renamed_key_is_an_error_at_plan_and_the_printed_moved_block_works,
            one_of_two_resources_for_a_policy_is_not_destroyed,
            the_second_of_two_creates_is_refused_though_it_may_overwrite,
            two_planned_creates_for_one_policy_are_warned_about,
            overwrite_existing_names_what_it_replaces_at_plan_and_at_apply,
            overwrite_existing_has_nothing_to_say_where_nothing_is_replaced,
            a_write_whose_answer_drips_ends_and_an_interrupt_is_obeyed_then,
            creates_against_a_dead_host_are_one_error_that_names_it_and_its_variable,
            creates_against_a_dead_host_of_the_provider_block_name_the_argument,
            creates_without_the_permission_to_read_policies_are_one_error,
            creates_with_a_directory_that_fails_ask_it_a_few_times_in_all,
            a_refresh_of_many_against_a_gateway_that_fails_ends_after_one_time_out,
            a_create_without_permission_leaves_nothing_and_the_next_goes_through,
            a_create_whose_target_is_dropped_leaves_what_is_there_in_the_state,
            a_create_whose_answer_is_lost_and_whose_set_is_never_shown_leaves_the_planned_set_in_the_state,
            a_create_that_was_killed_is_adopted_by_the_printed_import_block,
            a_drift_plan_shows_the_targets_and_their_keys_alone, an_import_by_identity_plans_nothing;
    ]
}

fn of_the_rings() -> Vec<Scenario> {
    scenarios![
        rings: a_failing_ring_stops_the_next_one_and_takes_nothing_away,
            a_ring_that_does_not_have_its_policy_yet_opens_no_other,
            too_few_devices_and_counts_of_an_older_version_open_no_ring, a_conflict_of_a_ring_is_a_warning,
            a_ring_that_is_inserted_waits_and_the_way_out_takes_nothing_from_later_rings,
            a_closed_gate_stops_no_destroy, a_saved_plan_keeps_the_counts_that_it_was_made_with,
            the_module_of_rings_passes_its_tests, the_tests_of_the_rings_notice_an_open_gate;
    ]
}

fn of_everything_else() -> Vec<Scenario> {
    scenarios![
        schema: terraform_shows_every_schema_and_signature;
        data_sources: each_thing_is_found_by_its_id_and_by_its_name, lists_and_status_are_read,
            what_does_not_exist_is_an_error_at_its_attribute,
            a_name_that_several_have_is_an_error_that_lists_them,
            a_policy_of_another_kind_is_refused_by_name, a_look_up_needs_exactly_one_of_id_and_name,
            a_missing_permission_is_named_once_and_an_optional_one_is_a_warning,
            an_argument_that_is_known_after_apply_delays_the_read,
            a_failed_look_up_in_a_check_stops_nothing, a_check_sees_what_the_same_apply_has_written,
            data_sources_are_read_without_a_refresh_too,
            two_hundred_look_ups_of_filters_and_policies_share_one_list,
            two_hundred_look_ups_of_groups_and_assignments_share_batches;
        lifecycle: create_plan_again_and_destroy, update_replaces_exactly_what_changed, empty_set_removes_everybody,
            a_new_policy_id_replaces_the_resource, twenty_policies_with_for_each, time_outs_are_accepted;
        snippets:
            every_configuration_on_a_page_is_applied,
            a_collection_id_as_documented_is_planned_and_applied;
        targets: every_kind_of_target_is_stable, ids_differ_only_in_case_and_order, respelling_an_id_changes_nothing;
        drift: an_added_target_is_shown_and_removed, a_removed_target_is_shown_and_restored,
            a_swapped_target_is_shown_and_repaired, a_changed_filter_is_shown_and_repaired,
            a_policy_deleted_elsewhere_is_planned_again;
        differences: as_many_targets_and_the_same_groups_are_drift_all_the_same,
            case_order_zero_filters_and_policy_sets_are_no_drift;
        validation: eight_mistakes_are_reported_at_once,
            twenty_names_instead_of_ids_are_one_error, eight_more_mistakes_are_reported_at_once,
            sets_that_mean_little_are_warned_about, what_is_not_known_yet_is_no_mistake;
        preflight: refused_groups_are_warned_about_once_in_a_process,
            a_finding_stands_at_its_attribute_and_stops_the_plan, the_environment_sets_the_level;
        failures: a_create_with_a_group_that_is_missing, an_update_that_is_refused_is_planned_again,
            a_destroy_that_is_refused_keeps_the_state, a_throttled_and_a_lost_write_succeed_in_one_apply;
        secrets: an_access_token, a_client_secret, a_client_secret_from_a_file, a_certificate_in_a_variable,
            a_certificate_in_a_pem_file, an_oidc_token, an_oidc_token_from_a_file, a_job_of_github_actions,
            a_pipeline_of_azure_devops, a_run_of_hcp_terraform, a_workload_in_aks, a_managed_identity,
            a_user_assigned_identity, the_azure_cli;
        sign_in: ten_reads_with_a_wrong_secret_make_one_token_request_and_one_full_message,
            nothing_is_sent_and_no_certificate_read_before_graph_is_needed;
        hostile: odd_answers_of_the_authority_are_not_shown, an_odd_answer_of_a_pipeline_is_not_shown,
            the_header_of_app_service_is_not_shown, the_header_of_app_service_goes_to_its_own_address_alone,
            files_that_never_begin_or_never_end_are_refused_at_once,
            the_token_of_a_runner_does_not_go_to_an_address_given_by_hand,
            a_group_that_is_not_in_the_tenant_file_fails_an_apply_at_once;
        functions: console_plan_and_apply_agree, ids_known_only_after_apply_are_waited_for,
            errors_point_at_the_argument, tests_may_call_functions, every_example_is_applied;
        import: by_id, by_block, by_generated_configuration, of_a_missing_policy_is_refused,
            of_a_policy_of_another_type_is_refused;
        guards: a_create_over_foreign_assignments_names_each_at_plan_and_at_apply,
            the_printed_import_block_takes_over_what_is_there, the_printed_moved_block_keeps_the_state,
            overwrite_existing_replaces_what_is_there,
            a_create_over_an_equal_or_smaller_set_is_refused_and_adopts_it,
            another_filter_on_the_same_target_stops_a_create,
            an_assignment_that_comes_after_the_plan_stops_the_create,
            a_create_with_a_group_id_unknown_at_plan_is_refused_there,
            a_create_with_a_policy_id_unknown_at_plan_is_stopped_at_apply,
            an_update_stops_at_whatever_has_changed_since_its_plan,
            a_destroy_stops_at_whatever_has_changed_since_its_plan,
            saved_plans_go_through_where_nothing_has_changed,
            a_change_that_somebody_has_made_already_is_not_written_again,
            applies_without_refresh_are_refused_again_and_again, an_unknown_kind_of_target_stops_a_create,
            an_unknown_kind_of_target_stops_an_update_and_a_destroy,
            an_unknown_kind_that_comes_after_the_plan_stops_update_and_destroy,
            an_adopted_policy_plans_nothing_and_then_exactly_one_element;
        addresses: a_moved_key_is_not_touched,
            a_removed_block_leaves_the_policy_assigned,
            skip_destroy_leaves_the_policy_assigned_and_says_so_twice,
            skip_destroy_that_was_never_applied_has_no_effect,
            two_resources_with_one_policy_are_warned_about,
            one_resource_for_each_policy_is_not_warned_about,
            moving_to_another_policy_assigns_the_new_one_first,
            moving_to_a_policy_of_somebody_else_is_refused_and_leaves_both,
            moving_to_another_policy_with_skip_destroy_leaves_both_assigned;
        unknown: a_group_id_known_only_after_apply, a_filter_id_known_only_after_apply,
            every_id_known_only_after_apply, a_whole_set_known_only_after_apply,
            a_policy_id_known_only_after_apply;
        refusals: null_assignments, a_group_target_without_group, a_filter_on_an_exclusion,
            all_mistakes_are_reported_at_once, no_credentials, a_policy_that_does_not_exist;
        provider: validate_needs_neither_network_nor_credentials, a_provider_block_is_enough,
            the_token_is_nowhere_to_be_read, nothing_on_standard_error_unless_asked, plugin_without_tls;
        debug: several_commands_share_one_process;
        bulk_refresh: two_hundred_unchanged_cost_a_few_requests_and_one_drifted_shows_alone,
            a_debug_process_sees_what_has_changed_between_two_plans;
        guides: the_offline_module_passes_its_tests, the_tests_of_the_offline_module_notice_a_mistake,
            the_drift_script_tells_drift_from_changes_and_failures;
        processes: interrupt_during_a_slow_apply_leaves_nothing, killed_terraform_leaves_nothing;
        kills: terraform_before_the_write, terraform_after_the_write_before_the_answer,
            terraform_after_the_answer_before_the_state, the_provider_before_the_write,
            the_provider_after_the_write_before_the_answer, the_provider_after_the_answer_before_the_state,
            a_change_by_somebody_else_after_a_killed_create_is_not_overwritten,
            a_change_by_somebody_else_after_a_killed_update_is_shown_and_repaired,
            a_write_that_arrives_after_the_next_plan_is_not_sent_again;
        interrupts: during_a_write_that_succeeds, during_a_write_whose_answer_is_lost, during_a_write_that_is_lost,
            during_a_write_that_is_asked_to_wait, twice_during_a_write, during_a_pause;
        time_outs: a_slow_write_is_waited_for, a_lost_answer_is_looked_up,
            a_pause_that_would_outlast_it_is_not_begun, slow_reads_end_before_the_write;
        throttling: three_hundred_creates_pass_the_limits_of_intune, interrupt_while_an_apply_waits_out_a_pause,
            interrupt_while_a_refresh_waits_out_a_pause;
    ]
}
