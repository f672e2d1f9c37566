"""What each column of grouping's database can hold about a person; see :mod:`shared.reference.personal_data`."""

from typing import Final

from shared.reference.personal_data import JOURNAL_CHECKS, OF_EVERY_SERVICE, Erasure, Rows
from shared.reference.retention import Data

_MEMBER: Final = (Data.GROUP_LINKS, Data.ACCOMPANIED_MEMBERSHIP, Data.RETURN_VISIT, Data.ENDED_MEMBERSHIP)

REGISTER: Final = (
    *OF_EVERY_SERVICE,
    JOURNAL_CHECKS,
    Rows(
        "waiting",
        "a sign-up with its wishes; only ids once the person has left",
        Erasure.DELETED,
        (Data.WAITING_SIGNUP, Data.LEFT_ID, *_MEMBER),
        of=("person_id",),
        ids="signup_id person_id",
        wishes="centre area kommune latitude longitude slots languages max_travel_km wheelchair language declined_cells"
        " groups_also groups_only slots_if_needed digital declined_on declined_slots",
        text="excluded_reason",
        none="status version signed_up_at gone_at unanswered offers_paused_at paused pause_version texts_asked"
        " texts_version rests_until",
    ),
    Rows(
        "wait_reviews",
        "a long wait that staff have looked at",
        Erasure.DELETED,
        (Data.WAITING_SIGNUP,),
        ids="signup_id",
        none="until",
    ),
    Rows(
        "seats",
        "one seat in one group",
        Erasure.DELETED,
        _MEMBER,
        of=("person_id",),
        ids="id group_id signup_id person_id instead_of",
        wishes="language state reason distance_km waited_days comes_to",
        none="offered_at deadline decided_at taken_at pinned",
    ),
    Rows(
        "apart",
        "two people who are not put in one group",
        Erasure.DELETED,
        (Data.WAITING_SIGNUP,),
        of=("one", "other"),
        withheld="it names another person",
        ids="one other",
        none="area at until_placed",
    ),
    Rows(
        "quiet_pairs",
        "two people who are never put in one group, by a wish that nobody may read",
        Erasure.DELETED,
        (Data.WAITING_SIGNUP, Data.LEFT_ID),
        of=("one", "other"),
        withheld="it names another person, and nobody may read that it exists",
        ids="pair_id one other",
        none="ended_at",
    ),
    Rows(
        "board_changes",
        "a change of the waiting list for other copies of the service",
        Erasure.ID_STAYS,
        (Data.MATCHER_CHANGE,),
        ids="signup_id",
        none="change area at transaction_id",
    ),
    Rows(
        "forgotten",
        "the id of an erased person or sign-up, so that a late event brings nobody back",
        Erasure.ID_STAYS,
        (Data.LEFT_ID,),
        of=("id",),
        ids="id",
        none="at",
    ),
    Rows("arrivals", "the number of sign-ups in an area on one day", Erasure.NOBODY, none="area day count"),
    Rows(
        "groups",
        "a group without its members",
        Erasure.NOBODY,
        text="start_reason",
        none="id centre area place slot spoken_language state version size_min capacity live policy policy_version"
        " created_at started_at ended_at cancel_reason size wishes publish_at extended self_start room_free_at"
        " filling_until date_kept waits_for_members part",
    ),
    Rows(
        "group_lives",
        "the life of a started group, with the seats that have answered a question to all",
        Erasure.TAKEN_OUT,
        _MEMBER,
        withheld="it names seats, which are exported",
        ids="handover_yes opted_in left_out dissolve_yes",
        text="more_reason",
        none="group_id state size rhythm rhythm_version skipped_days kept_days pledge_on handover_asked_at"
        " more_meetings handed_over_at handed_over_by return_hash solo_meetings solo_since paused_until followed_up"
        " visits visit_id visit_kind visit_state visit_at visit_meeting_id admission_until rest_size alive_at"
        " alive_asked_at next_vote_at ended_at ended_by forget_at forgotten next_at",
    ),
    Rows(
        "meetings",
        "a meeting of a group",
        Erasure.NOBODY,
        text="place_text",
        none="id group_id kind starts_at ends_at state sequence attendance",
    ),
    Rows("votes", "an open vote", Erasure.ID_STAYS, ids="ballots", none="id group_id subject deadline key_number"),
    Rows("vote_turnouts", "the used ballots of a vote, sealed", Erasure.ID_STAYS, ids="sealed", none="vote_id nonce"),
    Rows("vote_boxes", "the answers of a vote, added up and sealed", Erasure.NOBODY, none="vote_id sealed"),
    Rows(
        "igangsettere",
        "a volunteer who starts groups, by what the centre calls them",
        Erasure.DELETED,
        of=("id",),
        ids="id",
        wishes="place latitude longitude reach_km slots languages groups_at_once",
        staff="label",
        none="centre active created_at",
    ),
    Rows(
        "igangsetter_accounts",
        "the account of an igangsetter",
        Erasure.DELETED,
        of=("igangsetter_id",),
        ids="igangsetter_id",
        wishes="language by_mail",
        none="centre version active",
    ),
    Rows(
        "group_starters",
        "an igangsetter of a group",
        Erasure.DELETED,
        of=("igangsetter_id",),
        ids="igangsetter_id",
        none="group_id since weeks",
    ),
    Rows(
        "starter_questions",
        "the question to an igangsetter whether they start a group",
        Erasure.DELETED,
        (Data.AUDIT_ENTRY,),
        of=("igangsetter_id",),
        ids="id igangsetter_id",
        wishes="state",
        none="group_id asked_at deadline starts_at answered_at",
    ),
    Rows("area_holds", "an area on hold", Erasure.NOBODY, staff="username", none="area centre held_at"),
    Rows(
        "rooms",
        "a room of a centre",
        Erasure.NOBODY,
        text="name address way_in",
        none="id centre area place latitude longitude seats step_free slots lead_days active created_at",
    ),
    Rows(
        "lending_deadlines",
        "a yearly deadline by which a centre asks for rooms",
        Erasure.NOBODY,
        text="lender what",
        none="id centre month day warn_days done_on created_at",
    ),
)
