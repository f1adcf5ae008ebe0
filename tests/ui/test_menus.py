"""Menus: a service is also said as people say it, where there is room."""

from pathlib import Path

import pytest
from lobby import lobby, shared_catalog
from stations import go

from kiosk.services.catalog import Menu

MENUS = {menu.code: menu for menu in shared_catalog().menus}


def said(menu: Menu) -> list[str]:
    return [shared_catalog().service(code).spoken.zh_CN for code in menu.services]


@pytest.mark.parametrize("code", MENUS)
async def test_services_are_said_as_people_say_them_where_there_is_room(
    code: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await go(here, code)
        picture, region = here.picture(), here.grid().region
        for line in said(MENUS[code]):  # it may fold, and ends with its last words
            assert picture.find(line[:5], region), line
            assert picture.find(line[-1], region), line
        assert not picture.find("…", region)
        await here.resize(60, 20)
        picture = here.picture()
        assert not [line for line in said(MENUS[code]) if picture.find(line[:5])]
