"""Bank codes → names that a person finds in her bank's app, Korean first."""

#: Two-digit codes of API version 2022-11-16. Source: docs.tosspayments.com/codes/org-codes, banks; 2026-11-23.
#: Kookmin stands under both numbers that are in use for it.
BANKS: dict[str, str] = {
    "02": "산업은행 (KDB)",
    "03": "기업은행 (IBK)",
    "04": "국민은행 (KB Kookmin)",
    "06": "국민은행 (KB Kookmin)",
    "07": "수협은행 (Suhyup)",
    "11": "농협은행 (NH Nonghyup)",
    "12": "지역농축협 (Local Nonghyup)",
    "20": "우리은행 (Woori)",
    "23": "SC제일은행 (SC First)",
    "27": "씨티은행 (Citi)",
    "31": "iM뱅크·대구은행 (iM Bank)",
    "32": "부산은행 (Busan)",
    "34": "광주은행 (Gwangju)",
    "35": "제주은행 (Jeju)",
    "37": "전북은행 (Jeonbuk)",
    "39": "경남은행 (Kyongnam)",
    "45": "새마을금고 (MG Saemaul)",
    "48": "신협 (Shinhyup)",
    "50": "저축은행 (Savings banks)",
    "54": "홍콩상하이은행 (HSBC)",
    "64": "산림조합 (Sanlim)",
    "71": "우체국 (Korea Post)",
    "81": "하나은행 (Hana)",
    "88": "신한은행 (Shinhan)",
    "89": "케이뱅크 (K bank)",
    "90": "카카오뱅크 (KakaoBank)",
    "92": "토스뱅크 (Toss Bank)",
}


def bank_name(code: str) -> str:
    """The bank's name; an unlisted code is shown as it is, so that the buyer can still ask."""
    return BANKS.get(code, code)
