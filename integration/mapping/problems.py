"""What can be wrong with a mapping or a value that it carries: one text per code, for people, translatable."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integration.errors import Problem

TEXTS: Mapping[str, Promise] = {
    # values
    "required": _("%(field)s is empty, but Billecta needs it (%(target)s). Fill it in."),
    "not_a_text": _("%(field)s is “%(value)s”, which is not a text that %(target)s can hold. Check what the mapping reads."),
    "relation_without_name": _("%(field)s is the record %(value)s, but %(target)s takes a text. Map a text field instead of a relation."),
    "not_a_number": _("%(field)s is “%(value)s”, which is not a number. Enter a number such as 12,5."),
    "not_an_integer": _("%(field)s is “%(value)s”, but %(target)s takes whole numbers only. Remove the decimals or letters."),
    "not_a_date": _("%(field)s is “%(value)s”, which is not a date. Enter it as 2026-03-31."),
    "not_a_boolean": _("%(field)s is “%(value)s”, but %(target)s takes yes or no only. Choose one of them."),
    "not_an_amount": _("%(field)s is “%(value)s”, which is not an amount. Check what the mapping reads."),
    "parts_of_ore": _(
        "%(field)s is %(value)s, but Billecta holds amounts in whole öre. It would be sent as %(rounded)s: "
        "use at most two decimals, for instance by selling a larger unit at a higher price."
    ),
    "out_of_range": _("%(field)s is %(value)s, which is larger than %(target)s can hold. Check the number."),
    "too_long": _("%(field)s has %(length)s characters, but %(target)s holds %(limit)s. Shorten it."),
    "unknown_choice": _("%(field)s is “%(value)s”, which %(target)s does not know. Choose one of: %(allowed)s."),
    "no_such_option": _("%(field)s is “%(value)s”, but Lime's field %(target)s has no such option. Add an option with that key in Lime."),
    "no_such_type": _("%(field)s cannot be written to Lime's field %(target)s, which is of type %(type)s. Map it to another field."),
    # shape of a mapping
    "not_an_object": _("%(field)s should be a JSON object. Compare with the default mapping."),
    "not_a_list": _("%(field)s should be a JSON list. Compare with the default mapping."),
    "not_a_name": _("%(field)s is “%(value)s”, but should be a name. Compare with the default mapping."),
    "not_a_pair": _("%(field)s should be [Billecta field, Lime field] and, if wanted, how to overwrite. It is: %(value)s."),
    "unknown_part": _("%(field)s is not a part of a mapping. Remove it or correct its name."),
    "unknown_overwrite": _("%(field)s overwrites “%(value)s”, which is not known. Use “always” or “when_empty”."),
    "unknown_owner": _("%(field)s is owned by “%(value)s”, which is not known. Use “lime” or “billecta”."),
    # sense of a mapping
    "unknown_object": _("%(field)s names the object “%(value)s”, which cannot be mapped. Choose one of: %(allowed)s."),
    "unknown_field": _("%(field)s names “%(value)s”, which Billecta's %(object)s does not have. Correct the name or remove the row."),
    "not_writable": _("%(field)s writes %(value)s, which Billecta or the portal decides itself. Remove the row."),
    "not_readable": _("%(field)s reads %(value)s, which Billecta never shows. Remove the row."),
    "mapped_twice": _("%(field)s writes %(value)s, which an earlier row writes already. Keep one of them."),
    "written_by_both": _(
        "%(field)s writes %(value)s, which is also sent the other way. A field is written by one side only: "
        "remove one of the rows or list the field under both_ways with its owner."
    ),
    "required_not_mapped": _("%(field)s requires %(value)s, but no row maps it. Add a row for it."),
    "limetype_not_named": _("%(field)s is missing: say which limetype holds “%(value)s”."),
    "status_missing": _("%(field)s lacks “%(value)s”, which the portal sets. Add it."),
    "status_unknown": _("%(field)s has “%(value)s”, which the portal never sets. Remove it."),
    # a mapping against a Lime solution
    "lime_type_missing": _("%(field)s: Lime has no limetype “%(value)s”. Create it or correct the name; until then it is left out."),
    "lime_property_missing": _(
        "%(field)s: Lime's %(object)s has no field “%(value)s”. Create it or correct the name; until then it is left out."
    ),
    "lime_type_unfit": _("%(field)s: Lime's field %(value)s is of type %(type)s, which cannot hold %(target)s. Map another field."),
    "lime_options_missing": _("%(field)s: Lime's field %(value)s lacks the options %(missing)s. Add them with these keys."),
    "lime_required_unmapped": _(
        "%(field)s: Lime requires %(value)s on %(object)s, but nothing fills it. Map it or make it optional in Lime."
    ),
}


def problem(code: str, field: str, **params: object) -> Problem:
    """A Problem with the text of `code` in the active language; `field` is a parameter of every text."""
    return Problem(field=field, code=code, message=str(TEXTS[code]) % {"field": field, **params})


class UnfitValueError(ValueError):
    """A value that cannot become what the other side holds. `code` is one of TEXTS; `params` fill its text."""

    def __init__(self, code: str, value: object, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, object] = {"value": value, **params}

    def as_problem(self, field: str, target: str) -> Problem:
        """The Problem of this value, read from `field` and meant for `target`."""
        return problem(self.code, field, **{"target": target, **self.params})
